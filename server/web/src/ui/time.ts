/** Times as people here read them: Beijing time, always with its zone. */

export const TIME_ZONE = 'Asia/Shanghai'
export const ZONE_OFFSET = '+08:00'

const PARTS = new Intl.DateTimeFormat('en-CA', {
  timeZone: TIME_ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

function parts(ms: number): Record<string, string> {
  return Object.fromEntries(PARTS.formatToParts(ms).map(({ type, value }) => [type, value]))
}

/** `2026-11-22`. */
export function dateText(ms: number): string {
  const { year, month, day } = parts(ms)
  return `${year ?? ''}-${month ?? ''}-${day ?? ''}`
}

/** `09:02:03`. */
export function clockText(ms: number): string {
  const { hour, minute, second } = parts(ms)
  return `${hour ?? ''}:${minute ?? ''}:${second ?? ''}`
}

/** `2026-11-22 09:02:03`. */
export const dateTimeText = (ms: number): string => `${dateText(ms)} ${clockText(ms)}`

/** An age in the largest fitting unit, for the messages `time.ago.*` and `time.span.*`. */
export interface Span {
  unit: 'seconds' | 'minutes' | 'hours' | 'days'
  n: number
}

/** Round down to the largest unit that fits; negative counts as zero. */
export function spanOf(durationMs: number): Span {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  if (seconds < 60) {
    return { unit: 'seconds', n: seconds }
  }
  if (seconds < 3_600) {
    return { unit: 'minutes', n: Math.floor(seconds / 60) }
  }
  if (seconds < 172_800) {
    return { unit: 'hours', n: Math.floor(seconds / 3_600) }
  }
  return { unit: 'days', n: Math.floor(seconds / 86_400) }
}
