// What other scripts make without a name for screen readers gets one, once they are done.
window.addEventListener("load", () => {
    setTimeout(() => {
        // Django's boxes of two lists explain themselves in a label on a bare span, which nobody reads out.
        for (const tip of document.querySelectorAll(".help-tooltip[aria-label]")) tip.setAttribute("role", "img");
        // Fields that search as one types are called by their field's label, also while they are empty.
        for (const box of document.querySelectorAll(".select2-selection")) {
            const select = box.closest(".select2-container").previousElementSibling;
            const name = select?.labels?.[0]?.textContent.trim() || select?.getAttribute("aria-label");
            if (!name) continue;
            for (const part of [box, box.querySelector(".select2-selection__rendered")]) part?.setAttribute("aria-label", name);
        }
    });
});
