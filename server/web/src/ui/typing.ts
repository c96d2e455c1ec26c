/** Whether a key press belongs to a text field, so that no shortcut may take it. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  return target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null
}
