// Keyboard, theme, filters and small comforts. Every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const typing = (node) => node && node.closest("input, select, textarea, [contenteditable]");

  // "g" then a letter goes to the page whose link carries data-key.
  let waitingForLetter = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      return;
    }
    if (typing(event.target)) return;
    if (event.key === "/") {
      const box = document.getElementById("search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (keys && !keys.open) { event.preventDefault(); keys.showModal(); }
    } else if (event.key === "g") {
      waitingForLetter = true;
      setTimeout(() => { waitingForLetter = false; }, 1200);
    } else if (waitingForLetter) {
      waitingForLetter = false;
      const link = document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
    } else if (document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`)) {
      event.preventDefault();
      document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`).click();
    } else if (event.key === "j" || event.key === "k") {
      stepRows(event.key === "j" ? 1 : -1);
    }
  });

  // A slider and the number beside it say the same.
  document.addEventListener("input", (event) => {
    const slides = event.target.dataset.slides;
    if (slides) {
      document.getElementById(slides).value = event.target.value;
    } else if (event.target.id) {
      const slider = document.querySelector(`[data-slides="${CSS.escape(event.target.id)}"]`);
      if (slider) slider.value = event.target.value;
    }
  });

  // j and k walk through the links of the first table.
  function stepRows(by) {
    const links = [...document.querySelectorAll("main tbody tr > :first-child a")]
      .filter((link) => link.offsetParent !== null);
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, now < 0 ? 0 : now + by))].focus();
  }

  // A box of the model's picture leads to its line of the text.
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-line]");
    const text = box && document.getElementById("text");
    if (!text) return;
    event.preventDefault();
    const lines = text.value.split("\n");
    const line = Number(box.dataset.line);
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + lines[line - 1].length);
    text.scrollTop = text.scrollHeight * (line - 1) / lines.length - text.clientHeight / 3;
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens).showModal();
    }
    if (event.target.closest("[data-prints]")) window.print();
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const theme = event.target.closest("button[name=theme]");
    if (theme) {
      event.preventDefault();
      root.dataset.theme = theme.value;
      document.cookie = `theme=${theme.value};path=/;max-age=31536000;samesite=lax`;
      document.querySelectorAll("button[name=theme]").forEach((button) => {
        button.setAttribute("aria-pressed", String(button === theme));
      });
      document.dispatchEvent(new Event("bursar:theme"));
    }
  });

  // Filters apply as soon as they change; without this file their Apply button does the same.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-applies]");
    if (form) form.requestSubmit();
  });

  // Empty fields stay out of the address.
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    for (const [name, value] of [...event.formData.entries()]) {
      if (value === "") event.formData.delete(name);
    }
  });

  // A dropped file is the same as a chosen one.
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest && event.target.closest("[data-drop]");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("over-it", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        const field = zone.querySelector("input[type=file]");
        field.files = event.dataTransfer.files;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  // On a narrow screen the bar and the tabs scroll: the current entry comes into view.
  function showCurrent() {
    for (const row of document.querySelectorAll(".nav, .tabs")) {
      const current = row.querySelector("[aria-current]");
      if (!current) continue;
      const [all, one] = [row.getBoundingClientRect(), current.getBoundingClientRect()];
      row.scrollLeft += one.left - all.left - (all.width - one.width) / 2;
    }
  }
  showCurrent();

  // After a page was loaded in place, reading starts at its top.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== document.body) return;
    showCurrent();
    if (document.activeElement === document.body) {
      const main = document.getElementById("content");
      if (main) main.focus({ preventScroll: true });
    }
  });
})();
