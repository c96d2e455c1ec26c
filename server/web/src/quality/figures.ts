import { wordFor } from '@/i18n'

/** A share as whole percents. */
export const percent = (share: number): string => `${String(Math.round(share * 100))} %`

const WORDS: Readonly<Record<string, string>> = {
  rule: 'alert.rule',
  fence_kind: 'quality.key.fence_kind',
  device_model: 'quality.key.device_model',
}

/** What a row of `by` is about: a rule and a fence's use have words, the rest its own id. */
export function keyWord(by: string, key: string): string {
  const group = WORDS[by]
  if (group === undefined) {
    return key === '' ? '–' : key
  }
  return wordFor(group, key === '' ? 'none' : key)
}
