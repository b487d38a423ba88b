// Forms that are loaded into a page ("Add …" in place): each gets ids of its own, so that labels lead to their fields
// also when several are open, and the reader stands in its first field.
(function () {
  "use strict";
  var count = 0;

  function ownIds(form) {
    var prefix = "in-place-" + (++count) + "-";
    form.querySelectorAll("[id]").forEach(function (element) { element.id = prefix + element.id; });
    ["for", "list", "aria-describedby", "aria-labelledby", "hx-target"].forEach(function (name) {
      form.querySelectorAll("[" + name + "]").forEach(function (element) {
        element.setAttribute(name, element.getAttribute(name).split(/\s+/).map(function (id) {
          return id.charAt(0) === "#" ? "#" + prefix + id.slice(1) : prefix + id;
        }).join(" "));
      });
    });
  }

  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      change.addedNodes.forEach(function (node) {
        if (node.matches && node.matches("[data-add-here] form.form") && !node.dataset.ownIds) {
          node.dataset.ownIds = "1";
          ownIds(node);
          var first = node.querySelector("input:not([type=hidden]), select, textarea");
          if (first) { first.focus(); }
        }
      });
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
