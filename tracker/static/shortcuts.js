// Keys of one letter. A link says its own in data-keys ("g c": g and then c); these are everywhere: ? shows the list, /
// goes to the search, n logs a campaign, j and k walk through lists. Never while somebody types, never with Ctrl, Alt
// or Command; who turned them off in their account does not load this file (WCAG 2.1.4).
(function () {
  "use strict";
  var here = document.currentScript, PATIENCE = 1500;
  var ITEMS = ".record, .entry, .due-list > li, .plain-rows > li, .plain-list > li, tbody tr, .said, .statement";
  var before = "", timer, dialog;

  function types(element) {
    return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(button|submit|checkbox|radio)$/.test(element.type);
  }

  function links(item) {
    return Array.prototype.filter.call(item.querySelectorAll("a[href]"), function (a) { return a.offsetParent !== null; });
  }

  // What one would open of each item: its first link. An item within another is not counted twice.
  function stops() {
    var found = [];
    document.querySelectorAll("main " + ITEMS.split(", ").join(", main ")).forEach(function (item) {
      var first = links(item)[0];
      if (first && found.indexOf(first) < 0) { found.push(first); }
    });
    return found;
  }

  function walk(step) {
    var all = stops();
    if (!all.length) { return; }
    var active = document.activeElement, at = all.indexOf(active);
    if (at < 0) {
      // From where the reader is: the next stop after what has the focus, else the first in sight.
      var inMain = active && active.closest && active.closest("main") && active.tagName !== "MAIN";
      at = all.findIndex(function (a) {
        return inMain ? active.compareDocumentPosition(a) & Node.DOCUMENT_POSITION_FOLLOWING : a.getBoundingClientRect().top >= 0;
      });
      if (at < 0) { at = all.length - 1; }
      if (step < 0 && inMain) { at -= 1; }
    } else {
      at += step;
    }
    var next = all[Math.max(0, Math.min(all.length - 1, at))];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
  }

  function go(element) {
    if (element.matches("input")) { element.focus(); element.select(); } else { element.click(); }
  }

  function help() {
    if (!window.HTMLDialogElement) { location.href = here.dataset.help; return; }
    if (dialog) { dialog.showModal(); return; }
    fetch(here.dataset.help, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.text();
    }).then(function (html) {
      var page = new DOMParser().parseFromString(html, "text/html");
      var close = document.createElement("button");
      dialog = document.createElement("dialog");
      dialog.className = "shortcut-dialog";
      dialog.setAttribute("aria-labelledby", "shortcut-dialog-title");
      var title = document.createElement("h2");
      title.id = "shortcut-dialog-title";
      title.textContent = page.querySelector("h1").textContent;
      close.type = "button";
      close.className = "btn btn-outline-primary";
      close.textContent = here.dataset.close;
      close.addEventListener("click", function () { dialog.close(); });
      dialog.append(title, document.importNode(page.getElementById("shortcut-list"), true), close);
      // A click beside the dialog falls on the dialog itself, not on anything in it.
      dialog.addEventListener("click", function (event) { if (event.target === dialog) { dialog.close(); } });
      document.body.appendChild(dialog);
      dialog.showModal();
    }).catch(function () { location.href = here.dataset.help; });
  }

  function act(keys) {
    if (keys === "?") { help(); return true; }
    if (keys === "/") {
      var search = document.querySelector(".masthead-search input[type=search], main input[type=search]");
      if (search) { go(search); }
      return Boolean(search);
    }
    if (keys === "j" || keys === "k") { walk(keys === "j" ? 1 : -1); return true; }
    if (keys === "n" && here.dataset.new) { location.href = here.dataset.new; return true; }
    var named = document.querySelector("[data-keys='" + keys + "']");
    if (named) { go(named); }
    return Boolean(named);
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || types(event.target)) { return; }
    if (dialog && dialog.open) {
      if (event.key === "?") { event.preventDefault(); dialog.close(); }
      return;
    }
    if (event.key.length !== 1 || (event.shiftKey && event.key !== "?" && event.key !== "/")) { return; }
    if (!/^[a-z?/]$/.test(event.key)) { return; }
    var keys = before ? before + " " + event.key : event.key;
    clearTimeout(timer);
    before = "";
    if (act(keys)) {
      event.preventDefault();
    } else if (!keys.includes(" ") && document.querySelector("[data-keys^='" + keys + " ']")) {
      before = keys;
      timer = setTimeout(function () { before = ""; }, PATIENCE);
    }
  });
})();
