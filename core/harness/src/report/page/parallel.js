// Tells which candidate a line of parallel coordinates is: the one that is pointed at, or else the one that was chosen.
for (const figure of document.querySelectorAll("figure.parallel")) {
  const told = figure.querySelector("output");
  const hint = told.textContent;
  const chosen = () => figure.querySelector(".chosen");
  const tell = (line) => (told.textContent = line?.dataset.name ?? hint);
  for (const line of figure.querySelectorAll("g[data-name]")) {
    line.addEventListener("pointerenter", () => tell(line));
    line.addEventListener("pointerleave", () => tell(chosen()));
    line.addEventListener("click", () => {
      const before = chosen();
      before?.classList.remove("chosen");
      if (line !== before) line.classList.add("chosen");
      line.parentNode.append(line);
      tell(chosen());
    });
  }
}
