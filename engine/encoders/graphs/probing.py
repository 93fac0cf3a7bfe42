"""Sentences of many kinds and languages that calibrate the range of each channel for int8."""

import hashlib

SENTENCES = (
    "The river rises in the mountains, passes three old towns and reaches the sea after 412 kilometres.",
    "In 1897 the council voted (by 23 to 19) for a tramway; it was opened, two years late, by the mayor's daughter.",
    "Who was the first to cross the strait, and in what year?",
    "Die Universität wurde 1460 gegründet und zählt heute etwa 13.000 Studierende aus über hundert Ländern.",
    "Wie lange braucht das Licht der Sonne bis zur Erde?",
    "Le musée conserve des manuscrits du XIIe siècle, des cartes marines et une collection d'instruments de musique.",
    "¿Cuántos habitantes tenía la ciudad antes del terremoto de 1755?",
    "Il formaggio si prepara con latte di pecora e matura per almeno sei mesi in grotte umide e fresche.",
    "A equipa venceu o campeonato por quatro vezes seguidas, sem perder um único jogo em casa.",
    "Город стоит на двух берегах реки; мосты, построенные до войны, были восстановлены лишь в 1952 году.",
    "Ποιος έγραψε την πρώτη γραμματική της γλώσσας και πού τυπώθηκε;",
    "Deniz kaplumbağaları yumurtalarını geceleri kumsala bırakır ve yavrular elli gün sonra çıkar.",
    "يعيش هذا الطائر في المستنقعات ويتغذى على الأسماك الصغيرة والحشرات، ويهاجر جنوبا في الخريف.",
    "متى بدأ بناء السد وكم بلغت تكلفته؟",
    "कोशिका के भीतर ऊर्जा बनाने वाला अंग माइटोकॉन्ड्रिया कहलाता है, जिसका अपना डीएनए होता है।",
    "এই নদীর তীরে প্রতি বছর শীতকালে একটি বড় মেলা বসে।",
    "ประเทศนี้ปลูกข้าวได้ปีละสามครั้งเพราะมีแม่น้ำหลายสายไหลผ่านที่ราบลุ่มภาคกลาง",
    "Thành phố được xây dựng bên bờ vịnh vào thế kỷ thứ mười bảy và từng là kinh đô của một vương triều.",
    "这座寺庙建于唐代，后来多次毁于大火，现存的大殿是1783年重修的。",
    "水的沸点为什么在高山上比在海边低？",
    "この島では春になると桜が咲き、夏には台風が来て、冬はほとんど雪が降らない。",
    "그 화가는 평생 가난했지만 죽은 뒤에 그의 그림은 세계에서 가장 비싼 작품이 되었다.",
    "Mimea hii hukua vizuri kwenye udongo wenye rutuba na huhitaji maji mengi wakati wa kiangazi.",
    "I.",
    "x² + y² = r²",
)

# Sets of sentences with a version number; any other set is identified by its digest, so that vectors calibrated on
# different sentences never share a fingerprint.
_PUBLISHED = {"1e18e74bdecb530e": "2"}


def scaling(sentences: tuple[str, ...] = SENTENCES) -> str:
    """The part of an int8 fingerprint that identifies the calibration sentences."""
    digest = hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16]
    return _PUBLISHED.get(digest, f"2-{digest}")
