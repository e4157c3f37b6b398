// Small repairs to the theme's pages. The players are in player.js.

document.addEventListener("DOMContentLoaded", () => {
  // The theme's buttons for full screen and for printing (strict_pages.py has taken the code out of the page).
  const actions = { "toggleFullScreen()": () => globalThis.toggleFullScreen(), "window.print()": () => window.print() };
  for (const button of document.querySelectorAll("[data-onclick]"))
    button.addEventListener("click", actions[button.dataset.onclick]);
  // docutils says that the bibliography is a list, and of its entries something that may not stand in one.
  for (const entry of document.querySelectorAll(".citation-list > .citation")) entry.setAttribute("role", "listitem");
  // The theme's switches that unfold the contents have a picture and no name.
  for (const summary of document.querySelectorAll(".bd-links summary")) {
    const page = summary.closest("li").querySelector("a").textContent.trim();
    summary.setAttribute("aria-label", `Pages of ${page}`);
  }
});

// Paper is light: a dark page is printed in the light theme. The theme cannot do this in a style sheet, because the
// colours of code belong to it.
(() => {
  let shown = null;
  window.addEventListener("beforeprint", () => {
    shown = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => (document.documentElement.dataset.theme = shown));
})();
