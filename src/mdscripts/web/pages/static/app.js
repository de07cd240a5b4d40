// What pages do beyond plain HTML. Everything here is an addition: without it, all forms and links work.
"use strict";

(() => {
  const announce = (text) => {
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = text;
  };

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  // <button data-copy="id of the element with the text">
  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const label = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.classList.add("done");
      label.textContent = "Copied";
      announce("Copied");
      setTimeout(() => {
        button.classList.remove("done");
        label.textContent = "Copy";
        announce("");
      }, 2000);
    } catch {
      // The browser does not let us: what is selected can be copied by hand.
      select(source);
      announce("Selected. Press Control C to copy.");
    }
  };

  // <button data-reveal="id of a password field">
  const reveal = (button) => {
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Hide" : "Show";
    field.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-reveal]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else reveal(button);
  });

  // A form is sent once, however often its button is clicked; browsers remember fields that are passwords.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    form.querySelectorAll("[data-reveal][aria-pressed=true]").forEach(reveal);
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
  });

  // Back from the browser's cache: forms can be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // Filters of lists apply when something is chosen; their button is for browsers without scripts.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) {
      form.requestSubmit();
    }
  });

  // On a phone the filters of a list are folded; elsewhere there is nothing to unfold them with.
  const phone = window.matchMedia("(max-width: 40rem)");
  const fold = () => {
    document.querySelectorAll("details.fold").forEach((filters) => (filters.open = !phone.matches));
  };
  phone.addEventListener("change", fold);

  // Paper has no disclosures: everything is printed, and folded again afterwards.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    unfolded.forEach((details) => (details.open = true));
  });
  window.addEventListener("afterprint", () => unfolded.forEach((details) => (details.open = false)));

  // Faults come into view, and into the keyboard's place, first.
  document.addEventListener("DOMContentLoaded", () => {
    fold();
    document.querySelectorAll("[data-reveal]").forEach((button) => button.removeAttribute("hidden"));
    const faulty = document.querySelector(".faulty input, .faulty textarea, .faulty select");
    if (faulty) faulty.focus();
  });
})();
