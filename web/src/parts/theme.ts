// Dark or light: as the system has it, or as it was switched to.
import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
const kKey = 'malaposta-theme';
const kNext: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

const stored = localStorage.getItem(kKey);
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto');

theme.subscribe((value) => {
  if (value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  localStorage.setItem(kKey, value);
});

export function switchTheme(): void {
  theme.value = kNext[theme.value];
}
