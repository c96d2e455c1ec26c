import { FIX_STALE_AFTER_MS, type Position } from '@/map/positions'

/** What of a device wants looking after. */
export type Trouble = 'silent' | 'low' | 'alarm'

export const TROUBLES: readonly Trouble[] = ['alarm', 'silent', 'low']

const LOW_BATTERY_PCT = 20

export function troublesOf(position: Position, nowMs: number): Trouble[] {
  return [
    ...(position.alarms === 0 ? [] : (['alarm'] as const)),
    ...(nowMs - position.fixTimeMs > FIX_STALE_AFTER_MS ? (['silent'] as const) : []),
    ...(position.batteryPct !== null && position.batteryPct <= LOW_BATTERY_PCT
      ? (['low'] as const)
      : []),
  ]
}

/** Devices in trouble first, then the longest silent. */
export function sortedFleet(positions: readonly Position[], nowMs: number): Position[] {
  const weight = new Map(positions.map((one) => [one.device, troublesOf(one, nowMs).length]))
  return [...positions].sort(
    (a, b) =>
      (weight.get(b.device) ?? 0) - (weight.get(a.device) ?? 0) || a.fixTimeMs - b.fixTimeMs,
  )
}
