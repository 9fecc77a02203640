// The person's preference, which the server knows, goes before what this browser remembers; the address carries it.
const preferred = new URL(document.currentScript.src).searchParams.get("theme");
if (preferred) localStorage.setItem("adminTheme", JSON.stringify(preferred));
