// Unfold hides the page until its scripts have run, and a hidden field is passed over when the focus is given.
document.addEventListener("alpine:initialized", () => {
    setTimeout(() => {
        if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
    });
});
