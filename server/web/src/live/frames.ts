import type { Alert, Command, GatewayStatus, PositionColumns } from '@/api/types'

/** The events of GET /api/v1/live (docs/http.md). */
export interface LiveEvents {
  hello: { feed_id: number; now: string }
  pos: PositionColumns
  alert: Alert
  command: Command
  gateway: GatewayStatus
  hb: { now: string }
  reset: object
}

export type LiveEventName = keyof LiveEvents

export type LiveFrame = {
  [Name in LiveEventName]: { event: Name; data: LiveEvents[Name] }
}[LiveEventName]

export const LIVE_EVENTS: readonly LiveEventName[] = [
  'hello',
  'pos',
  'alert',
  'command',
  'gateway',
  'hb',
  'reset',
]

/** `connecting` for the first time, `live`, or `waiting` to try again. */
export type LiveStatus = 'connecting' | 'live' | 'waiting'

/** A silence of the stream longer than this is shown to the person and ends the connection. */
export const STALE_AFTER_MS = 25_000

/** Return the frame, or null for text that is not a JSON object: one bad frame stops nothing. */
export function parseFrame(event: LiveEventName, text: string): LiveFrame | null {
  try {
    const data: unknown = JSON.parse(text)
    return typeof data === 'object' && data !== null ? ({ event, data } as LiveFrame) : null
  } catch {
    return null
  }
}
