// Keys go to the app without a click first.
addEventListener("load", () => {
  const focus = () => {
    const box = document.querySelector(".xterm-helper-textarea");
    if (box) box.focus();
    else setTimeout(focus, 100);
  };
  focus();
});

// The terminal draws cell by cell. Letters of these scripts take their forms, and some their direction, from their
// neighbours, so a run of them is drawn as a whole: of right-to-left words a whole phrase, of Indic and Thai ones what
// stands between spaces.
const RIGHT_TO_LEFT = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc";
const SHAPED = "\\u0900-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff";
const RUNS = new RegExp(`[${RIGHT_TO_LEFT}]+(?: [${RIGHT_TO_LEFT}]+)*|[${SHAPED}]+`, "g");
const runs = (text) => Array.from(text.matchAll(RUNS), (run) => [run.index, run.index + run[0].length]);

// textual.js keeps its terminal to itself; it is met where it is put into a property of that name.
Object.defineProperty(Object.prototype, "terminal", {
  configurable: true,
  set(terminal) {
    Object.defineProperty(this, "terminal", { value: terminal, configurable: true, enumerable: true, writable: true });
    if (terminal && terminal.registerCharacterJoiner) {
      delete Object.prototype.terminal;
      // Joiners need a terminal that is open.
      const open = terminal.open;
      terminal.open = (...where) => {
        open.apply(terminal, where);
        terminal.registerCharacterJoiner(runs);
      };
    }
  },
});
