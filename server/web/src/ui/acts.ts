/** What a person may do to a thing: a button, the fields that it asks for, and the call. */

export interface Field {
  id: string
  text: string
  kind: 'text' | 'area' | 'choice' | 'time' | 'day' | 'number' | 'secret'
  options?: readonly { value: string; text: string }[]
  isOptional?: boolean
  least?: number
  most?: number
  hint?: string
  start?: string
}

export type Values = Readonly<Record<string, string>>

export interface Act {
  id: string
  text: string
  tone?: 'primary' | 'danger'
  /** What it means, said before it is done. */
  explain?: string
  fields?: readonly Field[]
  /** `key` stays the same until it succeeded: a call whose answer was lost may be repeated. */
  run: (values: Values, key: string) => Promise<unknown>
  /** What is said once it is done; the act's own text otherwise. */
  told?: (answer: never) => string
}

export type FieldFault = { word: string; least?: number; most?: number }

/** What is wrong with an entry, as a message and its figures; null when nothing is. */
export function faultOf(field: Field, entered: string): FieldFault | null {
  const value = entered.trim()
  if (value === '') {
    return field.isOptional === true ? null : { word: 'act.missing' }
  }
  const least = field.least ?? 1
  const most = field.most ?? 2_000
  if (field.kind === 'number') {
    const number = Number(value)
    const isFit = Number.isFinite(number) && number >= least && number <= most
    return isFit ? null : { word: 'act.outOfRange', least, most }
  }
  if (field.kind === 'text' || field.kind === 'area') {
    const isFit = value.length >= least && value.length <= most
    return isFit ? null : { word: 'act.length', least, most }
  }
  return null
}

/** What a field of kind `time` holds, as an instant: people here write Beijing time. */
export const instantOf = (local: string): string => new Date(`${local}:00+08:00`).toISOString()

/** An instant as a field of kind `time` holds it. */
export function localOf(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16)
}

/** An entry that may be left out. */
export const orNull = (value: string | undefined): string | null => {
  const text = value?.trim() ?? ''
  return text === '' ? null : text
}
