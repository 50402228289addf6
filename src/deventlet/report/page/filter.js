"use strict";
(() => {
  const form = document.querySelector(".filter");
  if (!form) return;
  form.hidden = false;
  const by = (id) => document.getElementById(id);
  const files = [...document.querySelectorAll(".file")];
  const sites = [...document.querySelectorAll(".site")];
  const shown = () => sites.filter((site) => !site.hidden);

  function filter() {
    const words = by("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcomes = new Set(
      [...form.querySelectorAll("[name=outcome]:checked")].map((box) => box.value));
    const same = ["codemod", "place", "stage"].map((name) => [name, by(name).value]);
    for (const site of sites) {
      const data = site.dataset;
      site.hidden = !(outcomes.has(data.outcome)
        && same.every(([name, value]) => !value || data[name] === value)
        && words.every((word) => data.words.includes(word)));
    }
    for (const file of files) file.hidden = !file.querySelector(".site:not([hidden])");
    const number = shown().length;
    by("shown").value = `${number} of ${sites.length} sites`;
    by("none").hidden = number > 0;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  by("open").addEventListener("click", () => shown().forEach((site) => { site.open = true; }));
  by("close").addEventListener("click", () => sites.forEach((site) => { site.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    by("words").focus();
  });
  filter();
})();
