// Applies the stored theme before the first paint. The page itself keeps it up to date (src/hooks/useTheme.ts).
(function () {
  try {
    var theme = localStorage.getItem("parley.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (error) {
    // Storage may be switched off: the system's theme it is.
  }
})();
