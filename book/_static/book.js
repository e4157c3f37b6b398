// Small repairs to the theme's pages. The players are in player.js.

// The theme's Font Awesome (JavaScript edition) replaces every <i class="fa ..."> by <svg>, also those that appear
// later. Replace icons once, at load, and leave what notebooks draw alone. (Which of the two files loads first
// depends on the theme's version: set both.)
window.FontAwesomeConfig = { observeMutations: false };
if (window.FontAwesome) window.FontAwesome.config.observeMutations = false;

// docutils says that the bibliography is a list, and of its entries something that no longer may stand in one.
document.addEventListener("DOMContentLoaded", () => {
  for (const entry of document.querySelectorAll(".citation-list > .citation")) entry.setAttribute("role", "listitem");
});
