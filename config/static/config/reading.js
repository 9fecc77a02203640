// Django's boxes of two lists explain themselves in a label on a bare span, which screen readers do not read.
window.addEventListener("load", () => {
    // They are made by another script in the same moment.
    setTimeout(() => {
        for (const tip of document.querySelectorAll(".help-tooltip[aria-label]")) tip.setAttribute("role", "img");
    });
});
