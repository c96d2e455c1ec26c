/** Alarm names by bit position, as tests/vectors/uplink/alarms.json lists them. */
export const ALARMS = [
  'sos',
  'strap',
  'case',
  'removed',
  'low_battery',
  'charging',
  'fall',
  'jamming',
  'overspeed',
  'fatigue',
  'danger',
  'gnss_fault',
  'antenna_cut',
  'antenna_short',
  'undervoltage',
  'power_cut',
  'display_fault',
  'tts_fault',
  'camera_fault',
  'card_fault',
  'overspeed_warning',
  'fatigue_warning',
  'driving_time',
  'parking',
  'fence',
  'fence_enter',
  'fence_exit',
  'route',
  'section_time',
  'route_deviation',
  'speed_sensor_fault',
  'fuel',
  'stolen',
  'ignition',
  'movement',
  'collision',
  'rollover',
  'door',
  'vibration',
  'power_off',
  'power_on',
  'temperature',
  'sim_changed',
  'low_signal',
  'acceleration',
  'braking',
  'cornering',
  'lane_change',
  'fault',
  'general',
  'heart_rate',
  'not_recording',
  'storage_low',
] as const

export type Alarm = (typeof ALARMS)[number]

/**
 * The names of a mask's alarms, in bit order.
 *
 * Masks have more than 32 bits and stay below 2^53, so arithmetic holds where shifts would not.
 */
export function alarmsOf(mask: number): Alarm[] {
  return ALARMS.filter((_, bit) => Math.floor(mask / 2 ** bit) % 2 === 1)
}
