// Light, dark, or as the system has it. The choice is this browser's own (public/theme.js applies it before the first paint).
import { useEffect, useState } from "react";

export type Theme = "system" | "light" | "dark";
const key = "parley.theme";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === "system") delete dataset["theme"];
    else dataset["theme"] = theme;
    try {
      if (theme === "system") localStorage.removeItem(key);
      else localStorage.setItem(key, theme);
    } catch {
      // Without storage the choice lasts until the page is left.
    }
  }, [theme]);
  return [theme, setTheme];
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}
