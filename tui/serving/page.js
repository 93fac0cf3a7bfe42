// Keys go to the app without a click first.
addEventListener("load", () => {
  const focus = () => {
    const box = document.querySelector(".xterm-helper-textarea");
    if (box) box.focus();
    else setTimeout(focus, 100);
  };
  focus();
});
