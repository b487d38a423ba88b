// A field of names separated by commas: the names that are known stand below it as buttons, and put themselves in or out.
(function () {
  "use strict";

  function names(field) {
    return field.value.split(",").map(function (name) { return name.trim(); }).filter(Boolean);
  }

  function same(one, other) { return one.toLocaleLowerCase() === other.toLocaleLowerCase(); }

  function offer(field) {
    var list = document.getElementById(field.dataset.tags);
    if (!list || !list.options.length) { return; }
    var row = document.createElement("div");
    row.className = "tag-row";
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", document.querySelector("label[for='" + field.id + "']").textContent.trim());
    var buttons = Array.from(list.options).map(function (option) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "tag";
      button.textContent = option.value;
      button.addEventListener("click", function () {
        var chosen = names(field);
        var without = chosen.filter(function (name) { return !same(name, option.value); });
        field.value = (without.length === chosen.length ? chosen.concat(option.value) : without).join(", ");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      row.appendChild(button);
      return button;
    });
    function mark() {
      var chosen = names(field);
      buttons.forEach(function (button) {
        button.setAttribute("aria-pressed", String(chosen.some(function (name) { return same(name, button.textContent); })));
      });
    }
    field.addEventListener("input", mark);
    field.insertAdjacentElement("afterend", row);
    mark();
  }

  document.querySelectorAll("input[data-tags]").forEach(offer);
})();
