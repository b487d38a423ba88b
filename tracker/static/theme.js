// What the pages do better with JavaScript. Each part finds its elements by a data attribute and each page works without.
(function () {
  "use strict";
  var root = document.documentElement;

  function isDark() { return root.getAttribute("data-bs-theme") === "dark"; }

  function labelSwitch(button) {
    button.setAttribute("aria-pressed", isDark() ? "true" : "false");
  }

  document.querySelectorAll("[data-theme-switch]").forEach(labelSwitch);

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-theme-switch], [data-dismiss], [data-copy], [data-print]");
    if (!target) { return; }
    if (target.hasAttribute("data-theme-switch")) {
      var next = isDark() ? "light" : "dark";
      root.setAttribute("data-bs-theme", next);
      try { localStorage.setItem("theme", next); } catch (_) { /* remembered for this page only */ }
      document.querySelectorAll("[data-theme-switch]").forEach(labelSwitch);
    } else if (target.hasAttribute("data-dismiss")) {
      target.closest(target.getAttribute("data-dismiss")).remove();
    } else if (target.hasAttribute("data-copy")) {
      var source = document.getElementById(target.getAttribute("data-copy"));
      if (source && navigator.clipboard) {
        navigator.clipboard.writeText(source.value || source.textContent).then(function () {
          var done = target.getAttribute("data-copied");
          if (done) { target.textContent = done; }
        });
      }
    } else {
      window.print();
    }
  });

  // Ask before what cannot be undone. Without JavaScript the form leads to the server's own question or to undo.
  document.addEventListener("submit", function (event) {
    var question = (event.submitter && event.submitter.getAttribute("data-confirm")) || event.target.getAttribute("data-confirm");
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // A second click must not send twice. Released again when the reader comes back with the Back button.
    if (!event.defaultPrevented && (event.target.getAttribute("method") || "").toLowerCase() === "post") {
      var form = event.target;
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      setTimeout(function () { delete form.dataset.sent; }, 4000);
    }
  }, true);

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // Filters apply themselves; the button stays for readers without JavaScript and for the keyboard. Those that are folded
  // away on a phone wait for it: whoever opened them may want to set several.
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-autosubmit") && event.target.type !== "search" && event.target.type !== "text" && !event.target.closest("details.fold[open]")) {
      form.requestSubmit();
    }
  });

  // Menus made of <details>: Escape closes and gives the focus back, a click elsewhere closes.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var open = event.target.closest("details.menu[open]");
    if (open) { open.removeAttribute("open"); open.querySelector("summary").focus(); }
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.removeAttribute("open"); }
    });
  });

  // A form that comes back with errors: take the reader to the summary. A disclosure opened to add: to its first field.
  var summary = document.querySelector("[data-error-summary]");
  if (summary) { summary.focus(); }
  document.addEventListener("toggle", function (event) {
    var box = event.target;
    if (!box.matches || !box.matches("details.add[open]")) { return; }
    var first = box.querySelector("input:not([type=hidden]), select, textarea");
    if (first) { first.focus(); }
  }, true);

  // Unsaved words: warn before leaving a form that asks for it.
  var dirty = false;
  document.addEventListener("input", function (event) {
    if (event.target.form && event.target.form.hasAttribute("data-keep")) { dirty = true; }
  });
  document.addEventListener("submit", function () { dirty = false; });
  window.addEventListener("beforeunload", function (event) { if (dirty) { event.preventDefault(); } });
})();
