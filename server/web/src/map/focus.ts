import { computed, shallowRef } from 'vue'

/** A wish to see a person on the map; `turn` makes the same wish twice two wishes. */
export interface FocusWish {
  holder: string
  turn: number
}

const wish = shallowRef<FocusWish | null>(null)
let turns = 0

export const focusWish = computed(() => wish.value)

/** Ask the map to mark this person's fences and position and to bring them into view. */
export function requestFocus(holder: string): void {
  turns += 1
  wish.value = { holder, turn: turns }
}

export function dropFocus(): void {
  wish.value = null
}
