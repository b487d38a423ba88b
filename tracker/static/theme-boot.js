// Runs before the first paint, so that a dark reader never sees a white flash. Kept tiny because it blocks.
(function () {
  var wanted = null;
  try { wanted = localStorage.getItem("theme"); } catch (_) { /* storage is off: follow the system */ }
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    var dark = wanted ? wanted === "dark" : system.matches;
    document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
  }
  document.documentElement.classList.add("js");
  apply();
  system.addEventListener("change", apply);
})();
