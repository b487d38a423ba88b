// Draws the tables inside each [data-drawn] (components/chart.html): the table is the truth, this is its picture. Colours
// are the theme's own, changed with it and made light for paper; nothing moves. Needs Chart.js.
(function () {
  "use strict";
  var DAY = 86400000, SHAPES = ["circle", "rectRot", "triangle", "rect", "star"];
  var TONES = ["--accent", "--part", "--good", "--bad", "--ink-soft"];
  var HOLLOW = ["about", "at_least", "more_than", "fewer_than", "not_stated"];
  var language = document.documentElement.lang || "en";
  var charts = [];

  // "2018" is the whole year, "2018-10" the month: a mark is as wide as what is known.
  function span(text) {
    var parts = text.split("-").map(Number);
    var start = Date.UTC(parts[0], (parts[1] || 1) - 1, parts[2] || 1);
    var end = parts.length > 2 ? start : parts.length > 1 ? Date.UTC(parts[0], parts[1], 0) : Date.UTC(parts[0], 11, 31);
    return { x: (start + end) / 2, from: start, to: end, exact: parts.length > 2 };
  }

  function rowPoint(row) {
    var when = row.querySelector("time[datetime]"), data = row.querySelector("data[value]");
    if (!when || !data) { return null; }
    var point = span(when.getAttribute("datetime"));
    point.y = Number(data.getAttribute("value"));
    point.words = data.textContent.trim();
    point.when = when.textContent.trim();
    point.mark = row.getAttribute("data-mark") || "";
    point.note = row.getAttribute("data-note") || "";
    return point;
  }

  function readTable(table, series) {
    table.querySelectorAll("tbody tr").forEach(function (row) {
      var point = rowPoint(row);
      if (!point) { return; }
      var label = row.getAttribute("data-series") || table.getAttribute("data-label");
      var one = series.find(function (s) { return s.label === label; });
      if (!one) { one = { label: label, as: table.getAttribute("data-chart"), points: [] }; series.push(one); }
      one.points.push(point);
    });
  }

  // Reference lines: level by level, each valid between two days (left open at an end by an empty attribute).
  function readSteps(table, low, high) {
    var lines = [];
    table.querySelectorAll("tbody tr").forEach(function (row) {
      row.querySelectorAll("data[value]").forEach(function (data) {
        var from = data.getAttribute("data-from"), to = data.getAttribute("data-to");
        var start = Math.max(low, from ? Date.parse(from) : low), end = Math.min(high, to ? Date.parse(to) : high);
        if (start < end) {
          lines.push({ label: row.querySelector("th").textContent.trim() + ": " + data.textContent.trim(), y: Number(data.getAttribute("value")), from: start, to: end });
        }
      });
    });
    return lines;
  }

  function palette(element, theme) {
    var probe = document.createElement("span");
    probe.hidden = true;
    if (theme) { probe.setAttribute("data-bs-theme", theme); }
    element.appendChild(probe);
    var style = getComputedStyle(probe);
    var found = { ink: style.getPropertyValue("--ink").trim(), soft: style.getPropertyValue("--ink-soft").trim(), rule: style.getPropertyValue("--rule").trim(), sheet: style.getPropertyValue("--paper").trim(), tones: TONES.map(function (name) { return style.getPropertyValue(name).trim(); }) };
    probe.remove();
    return found;
  }

  // Years, or months when the whole is short.
  function ticks(axis) {
    var from = new Date(axis.min), to = new Date(axis.max), days = (axis.max - axis.min) / DAY, found = [];
    var room = Math.max(2, Math.floor(axis.width / 75)), step, at;
    if (days > 366 * 1.5) {
      step = Math.ceil((to.getUTCFullYear() - from.getUTCFullYear() + 1) / room);
      for (at = from.getUTCFullYear(); at <= to.getUTCFullYear() + 1; at += step) { found.push(Date.UTC(at, 0, 1)); }
      axis.words = { year: "numeric" };
    } else if (days > 60) {
      step = Math.ceil(days / 30 / room);
      for (at = 0; at < 26; at += step) { found.push(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + at, 1)); }
      axis.words = { month: "short", year: "numeric" };
    } else {
      step = Math.max(1, Math.ceil(days / room));
      for (at = Math.ceil(axis.min / DAY) * DAY; at <= axis.max; at += step * DAY) { found.push(at); }
      axis.words = { day: "numeric", month: "short" };
    }
    axis.ticks = found.filter(function (value) { return value >= axis.min && value <= axis.max; }).map(function (value) { return { value: value }; });
  }

  // Whiskers as wide as the date is uncertain; words beside the points where they fit; words on the reference lines.
  var ink = {
    id: "ink",
    beforeInit: function (chart) {
      var fit = chart.legend.fit;
      chart.legend.fit = function () { fit.call(this); this.height += 10; };
    },
    afterDatasetsDraw: function (chart) {
      var ctx = chart.ctx, area = chart.chartArea, colours = chart.options.plugins.ink.colours, taken = [];
      ctx.save();
      ctx.font = "12px " + Chart.defaults.font.family;
      function fits(box) {
        if (box.x < area.left || box.x + box.w > area.right + 4 || box.y < area.top - 8 || box.y + 14 > area.bottom) { return false; }
        return !taken.some(function (t) { return box.x < t.x + t.w + 4 && t.x < box.x + box.w + 4 && box.y < t.y + 14 && t.y < box.y + 14; });
      }
      function say(words, x, y, colour, places) {
        var w = ctx.measureText(words).width;
        for (var i = 0; i < places.length; i += 1) {
          var box = { x: x + places[i][0] - w * places[i][2], y: y + places[i][1], w: w };
          if (fits(box)) {
            taken.push(box);
            ctx.textBaseline = "top";
            ctx.lineWidth = 3;
            ctx.lineJoin = "round";
            ctx.strokeStyle = colours.sheet;
            ctx.strokeText(words, box.x, box.y);
            ctx.fillStyle = colour;
            ctx.fillText(words, box.x, box.y);
            return;
          }
        }
      }
      var marks = chart.data.datasets.filter(function (set) { return set.as === "points"; });
      marks.forEach(function (set) {
        chart.getDatasetMeta(chart.data.datasets.indexOf(set)).data.forEach(function (element, i) {
          var raw = set.data[i];
          taken.push({ x: element.x - 6, y: element.y - 7, w: 12 });
          if (raw.exact) { return; }
          var left = Math.max(area.left, chart.scales.x.getPixelForValue(raw.from)), right = Math.min(area.right, chart.scales.x.getPixelForValue(raw.to));
          if (right - left < 6) { return; }
          ctx.strokeStyle = set.borderColor;
          ctx.lineWidth = 1.5;
          ctx.beginPath();
          ctx.moveTo(left, element.y); ctx.lineTo(right, element.y);
          ctx.moveTo(left, element.y - 4); ctx.lineTo(left, element.y + 4);
          ctx.moveTo(right, element.y - 4); ctx.lineTo(right, element.y + 4);
          ctx.stroke();
        });
      });
      var many = marks.reduce(function (sum, set) { return sum + set.data.length; }, 0) > 24;
      marks.forEach(function (set) {
        if (many) { return; }
        chart.getDatasetMeta(chart.data.datasets.indexOf(set)).data.forEach(function (element, i) {
          // Beside the whisker, not on it.
          var raw = set.data[i], half = raw.exact ? 0 : chart.scales.x.getPixelForValue(raw.to) - element.x, aside = Math.max(10, half + 6);
          say(raw.words, element.x, element.y, colours.ink, [[aside, -7, 0], [-aside, -7, 1], [0, -22, 0.5], [0, 9, 0.5]]);
        });
      });
      chart.data.datasets.forEach(function (set) {
        if (set.as !== "steps" && set.as !== "goal") { return; }
        var y = chart.scales.y.getPixelForValue(set.data[0].y), x = chart.scales.x.getPixelForValue(set.data[set.data.length - 1].x);
        say(set.label, Math.min(x, area.right) - 2, y, colours.soft, [[0, -15, 1], [0, 3, 1]]);
      });
      ctx.restore();
    },
  };

  function paint(chart, theme) {
    var colours = palette(chart.canvas.parentNode, theme), options = chart.options;
    // The accent is the line's, where there is one.
    var tone = chart.data.datasets.some(function (set) { return set.as === "line"; }) ? 1 : 0;
    options.plugins.ink.colours = colours;
    Chart.defaults.color = colours.soft;
    ["x", "y"].forEach(function (name) {
      options.scales[name].ticks.color = colours.soft;
      options.scales[name].grid.color = colours.rule;
      options.scales[name].border.color = colours.rule;
    });
    options.plugins.legend.labels.color = colours.ink;
    chart.data.datasets.forEach(function (set) {
      var faint = set.as === "steps" || set.as === "goal";
      var colour = faint ? colours.soft : set.as === "line" ? colours.tones[0] : colours.tones[tone++ % TONES.length];
      set.borderColor = colour;
      set.backgroundColor = colour;
      if (set.as === "points") {
        // Filled when it is known what the number counts; hollow when it is not exact, or does not say of what it is a share.
        set.pointBackgroundColor = set.data.map(function (p) { return HOLLOW.indexOf(p.mark) < 0 ? colour : colours.sheet; });
        set.pointBorderColor = colour;
      }
    });
    chart.update("none");
  }

  function draw(box) {
    var series = [], until = box.getAttribute("data-until");
    box.querySelectorAll("table[data-chart='line'], table[data-chart='points']").forEach(function (table) { readTable(table, series); });
    if (!series.length) { return; }
    var low = Infinity, high = -Infinity;
    series.forEach(function (s) { s.points.forEach(function (p) { low = Math.min(low, p.from); high = Math.max(high, p.to); }); });
    var line = series.find(function (s) { return s.as === "line"; });
    if (!line) { until = null; }
    if (until) { high = Math.max(high, Date.parse(until)); }
    var pad = Math.max((high - low) * 0.04, 2 * DAY);
    var percent = box.getAttribute("data-unit") === "%", shape = 0;
    var sets = series.map(function (s) {
      var points = s.points.slice().sort(function (a, b) { return a.x - b.x; });
      if (s.as === "line" && until) {
        var first = points[0], last = points[points.length - 1];
        points.unshift(Object.assign({}, first, { y: 0, silent: true }));
        points.push(Object.assign({}, last, { x: high, silent: true }));
      }
      return {
        as: s.as, label: s.label, data: points, showLine: s.as === "line", stepped: true, borderWidth: 2,
        pointRadius: s.as === "line" ? points.map(function (p) { return points.length < 30 && !p.silent ? 3 : 0; }) : 5.5, pointHoverRadius: 7, pointBorderWidth: 2, pointHitRadius: 10,
        pointStyle: s.as === "line" ? "circle" : SHAPES[shape++ % SHAPES.length],
      };
    });
    var goal = box.querySelector("[data-chart='goal']");
    if (goal) {
      var y = Number(goal.querySelector("data").getAttribute("value"));
      sets.push({ as: "goal", label: goal.textContent.trim(), data: [{ x: low - pad, y: y }, { x: high + pad, y: y }], borderDash: [6, 5], borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0, showLine: true });
    }
    box.querySelectorAll("table[data-chart='steps']").forEach(function (table) {
      readSteps(table, low - pad, high + pad).forEach(function (line) {
        sets.push({ as: "steps", label: line.label, data: [{ x: line.from, y: line.y }, { x: line.to, y: line.y }], borderDash: [2, 4], borderWidth: 1.25, pointRadius: 0, pointHitRadius: 0, showLine: true });
      });
    });
    var numbers = new Intl.NumberFormat(language), chart;
    chart = new Chart(box.querySelector("canvas"), {
      type: "scatter",
      data: { datasets: sets },
      plugins: [ink],
      options: {
        animation: false, responsive: true, maintainAspectRatio: false,
        layout: { padding: { top: 10, right: 6 } },
        interaction: { mode: "nearest", intersect: true },
        scales: {
          x: { type: "linear", min: low - pad, max: high + pad, afterBuildTicks: ticks, border: {}, grid: { display: false }, ticks: { autoSkip: false, maxRotation: 0, callback: function (value) { return new Intl.DateTimeFormat(language, Object.assign({ timeZone: "UTC" }, this.words)).format(value); } } },
          y: { beginAtZero: true, grace: "8%", border: { display: false }, grid: {}, ticks: { precision: 0, maxTicksLimit: 6, callback: function (value) { return numbers.format(value) + (percent ? " %" : ""); } } },
        },
        plugins: {
          ink: { colours: {} },
          legend: { position: "top", align: "start", labels: { usePointStyle: true, boxHeight: 8, filter: function (item) { return ["line", "points"].indexOf(sets[item.datasetIndex].as) >= 0; } }, onClick: function () {} },
          tooltip: {
            displayColors: false,
            filter: function (item) { return ["line", "points"].indexOf(item.dataset.as) >= 0 && !item.raw.silent; },
            callbacks: {
              title: function (items) { return items.length ? items[0].raw.when : ""; },
              label: function (item) { return item.dataset.label + ": " + item.raw.words; },
              afterLabel: function (item) { return item.raw.note; },
            },
          },
        },
      },
    });
    charts.push(chart);
    paint(chart);
    box.classList.add("chart-drawn");
  }

  if (!window.Chart) { return; }
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  document.querySelectorAll("[data-drawn]").forEach(draw);
  new MutationObserver(function () { charts.forEach(function (chart) { paint(chart); }); })
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  window.addEventListener("beforeprint", function () { charts.forEach(function (chart) { paint(chart, "light"); }); });
  window.addEventListener("afterprint", function () { charts.forEach(function (chart) { paint(chart); }); });
})();
