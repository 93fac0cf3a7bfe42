"""A small RAG pipeline on LangChain and pgvector, audited from outside: it runs in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hybrid_search.train.audit.asking import ask
from hybrid_search.train.audit.judged import judged
from hybrid_search.train.audit.kits import read_kit, write_kit
from hybrid_search.train.audit.targets import Options, open_target
from hybrid_search.train.audit.unjudged import unjudged

from tests.support import postgres
from tests.support.audits import small_kit

pytestmark = pytest.mark.slow

# What a person has: a loader, embeddings, a retriever; nothing in it knows of audits but the last lines.
PIPELINE = '''
import hashlib, json, re, sys
from pathlib import Path

import pg8000.native
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda

SIZE = 256


class Letters(Embeddings):
    """Counts of letters: knows scripts and no meaning. As biased as an embedding can be."""

    def embed_query(self, text):
        vector = [0.0] * SIZE
        plain = re.sub(r"\\W+", " ", text.lower())
        for letter in plain:
            vector[int(hashlib.md5(letter.encode()).hexdigest(), 16) % SIZE] += 1.0
        return vector

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


class Store(BaseRetriever):
    """Chunks in PostgreSQL."""

    database: object
    embeddings: Embeddings
    k: int = 20

    def add(self, documents):
        self.database.run("CREATE EXTENSION IF NOT EXISTS vector")
        self.database.run(f"CREATE TABLE chunks (id serial, source text, body text, v vector({SIZE}))")
        vectors = self.embeddings.embed_documents([each.page_content for each in documents])
        for each, vector in zip(documents, vectors):
            self.database.run(
                "INSERT INTO chunks (source, body, v) VALUES (:s, :b, CAST(:v AS vector))",
                s=each.metadata["source"], b=each.page_content, v=json.dumps(vector),
            )

    def _get_relevant_documents(self, query, *, run_manager):
        rows = self.database.run(
            "SELECT source, body FROM chunks ORDER BY v <=> CAST(:v AS vector), id LIMIT :k",
            v=json.dumps(self.embeddings.embed_query(query)), k=self.k,
        )
        return [Document(page_content=body, metadata={"source": source}) for source, body in rows]


folder, socket = sys.argv[1:]
store = Store(
    database=pg8000.native.Connection("tester", database="postgres", unix_sock=socket + "/.s.PGSQL.5432"),
    embeddings=Letters(),
)
chunks = []
for path in sorted(Path(folder).glob("*.md")):
    for part in path.read_text("utf-8").split("\\n\\n"):
        if not part.startswith("# "):
            chunks.append(Document(page_content=part.strip(), metadata={"source": str(path)}))
store.add(chunks)
chain = RunnableLambda(lambda question: question.strip()) | store

for line in sys.stdin:
    asked = json.loads(line)
    found = chain.invoke(asked["question"])
    answers = [{"page_content": each.page_content, "metadata": each.metadata} for each in found]
    print(json.dumps(answers), flush=True)
'''


def test_a_pipeline_in_its_own_process_is_audited(tmp_path):
    pytest.importorskip("langchain_core", reason="needs langchain-core, of the extra [test]")
    pytest.importorskip("pg8000", reason="needs the extra [pgvector]")
    if postgres.programs() is None:
        pytest.skip("no PostgreSQL with pgvector is installed")
    write_kit(small_kit(), tmp_path / "kit")
    (tmp_path / "pipeline.py").write_text(PIPELINE, "utf-8")
    kit = read_kit(tmp_path / "kit")
    with postgres.cluster() as address:
        socket = Path(address.split("host=")[1].replace("%2F", "/"))
        line = f"lines:{sys.executable} {tmp_path / 'pipeline.py'} {tmp_path / 'kit' / 'markdown'} {socket}"
        target = open_target(line, Options(timeout=900))
        try:
            asked = ask(target, kit, k=20)
        finally:
            target.close()
    # Chunks are told by their files, so whole documents are measured; there are as many as topics times languages.
    assert asked.unit == "documents" and asked.own == 6 and len(asked.pool) == 6
    assert not asked.notes
    found, right = unjudged(asked), judged(asked)
    # Letters tell a script and nothing of meaning: Japanese asks for Japanese.
    assert found.pulls["ja"].value > 0.2
    summary = right.result.summary()
    assert summary["mono"] > summary["multi"] and right.outranked.value > right.outranked_own.value
