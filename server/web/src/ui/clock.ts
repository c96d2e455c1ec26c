import { computed, shallowRef } from 'vue'

const tickMs = shallowRef(Date.now())
/** Server clock minus this computer's clock; an office PC may be minutes off. */
let offsetMs = 0

setInterval(() => {
  tickMs.value = Date.now()
}, 1_000)

/** Learn the server's clock from an RFC 3339 time that it just sent. */
export function syncClock(now: string): void {
  const serverMs = Date.parse(now)
  if (Number.isFinite(serverMs)) {
    offsetMs = serverMs - Date.now()
  }
}

/** The server's clock now, milliseconds since 1970. */
export const serverNowMs = (): number => Date.now() + offsetMs

/** The server's clock, once a second. */
export const nowMs = computed(() => tickMs.value + offsetMs)

/** This computer's clock, once a second: for durations that we measure ourselves. */
export const localNowMs = computed(() => tickMs.value)
