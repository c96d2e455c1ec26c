import type { NewCommand } from '@/api/types'

type EnteredName = NewCommand['name']

export const INTERVAL_S_MOST = 65_535
export const TEXT_MOST = 200
export const PURPOSE_LEAST = 4
export const PURPOSE_MOST = 200

const EVERYDAY: readonly EnteredName[] = ['set_interval', 'locate', 'text']
export const DANGEROUS: readonly EnteredName[] = [
  'power_off',
  'factory_reset',
  'close_link',
  'close_radio',
]

/** What a person may choose: what restarts or stops a device is a supervisor's. */
export function namesFor(isSupervisor: boolean): readonly EnteredName[] {
  return isSupervisor ? [...EVERYDAY, 'restart', ...DANGEROUS] : EVERYDAY
}

export interface CommandDraft {
  name: EnteredName
  interval: string
  text: string
  purpose: string
}

export type DraftFault = 'needInterval' | 'needText' | 'needPurpose'

/** The body of the call, or what is missing. */
export function bodyOf(draft: CommandDraft): NewCommand | DraftFault {
  const purpose = draft.purpose.trim()
  const interval = Number(draft.interval)
  if (
    draft.name === 'set_interval' &&
    (!Number.isInteger(interval) || interval < 1 || interval > INTERVAL_S_MOST)
  ) {
    return 'needInterval'
  }
  if (draft.name === 'text' && (draft.text.trim() === '' || draft.text.length > TEXT_MOST)) {
    return 'needText'
  }
  if (purpose.length < PURPOSE_LEAST || purpose.length > PURPOSE_MOST) {
    return 'needPurpose'
  }
  return {
    name: draft.name,
    purpose,
    ...(draft.name === 'set_interval' ? { interval_s: interval } : {}),
    ...(draft.name === 'text' ? { text: draft.text.trim() } : {}),
  }
}

/** A key that names one request, whatever page it comes from (not only secure ones have randomUUID). */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
