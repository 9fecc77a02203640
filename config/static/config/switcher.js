// The organization menu: what is typed is looked up, arrows walk through what was found, Enter in the field takes the first.
document.addEventListener("DOMContentLoaded", () => {
    const field = document.querySelector("[data-switch-find]");
    if (!field) return;
    const form = field.form;
    const entries = form.querySelector("[data-switch-entries]");
    const atFirst = entries.innerHTML;
    let timer = 0;
    let asked = 0;

    const look = async () => {
        const mine = (asked += 1);
        if (!field.value.trim()) {
            entries.innerHTML = atFirst;
            return;
        }
        const answer = await fetch(`${form.dataset.find}?${new URLSearchParams({ q: field.value })}`);
        // An answer that was overtaken by a later question is not shown, nor the page to sign in anew.
        if (answer.ok && !answer.redirected && mine === asked) entries.innerHTML = await answer.text();
    };

    field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(look, 150);
    });
    form.addEventListener("keydown", (event) => {
        const all = [field, ...entries.querySelectorAll("button")];
        if (event.key === "Enter" && event.target === field) {
            event.preventDefault();
            entries.querySelector("button")?.click();
        }
        const at = all.indexOf(document.activeElement);
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step && at >= 0) {
            event.preventDefault();
            all[(at + step + all.length) % all.length].focus();
        }
    });
});
