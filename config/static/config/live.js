// Follows a page that changes by itself: asks for its live part while somebody looks, and exchanges what is different.
(() => {
    const root = document.querySelector("[data-live-from]");
    if (!root) return;
    const state = document.querySelector("[data-live-state]");
    const every = Number(root.dataset.liveEvery) || 2000;
    let fails = 0;

    const isBusy = (part) => {
        const at = document.activeElement;
        return part.contains(at) && at.matches("input, textarea, select") && at.value !== "";
    };

    const exchange = (html) => {
        const fresh = new DOMParser().parseFromString(html, "text/html");
        for (const part of root.querySelectorAll("[data-live]")) {
            const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
            // Each answer carries a token of its own: it is no change.
            const token = (node) => node.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");
            if (!next || isBusy(part) || token(part) === token(next)) continue;
            const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
            part.replaceWith(document.adoptNode(next));
            if (focused) document.getElementById(focused)?.focus();
        }
    };

    const look = async () => {
        if (!document.hidden) {
            try {
                const answer = await fetch(root.dataset.liveFrom, { headers: { "X-Requested-With": "fetch" } });
                if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
                exchange(await answer.text());
                fails = 0;
                state.textContent = "";
            } catch {
                fails += 1;
                state.textContent = "This page is no longer up to date: the server does not answer. Reload it to go on.";
            }
        }
        setTimeout(look, every * Math.min(1 + fails, 15));
    };
    setTimeout(look, every);
})();
