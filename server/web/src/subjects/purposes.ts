import type { Role } from '@/api/types'

/** Purposes of a look at a track that belong to the case itself. */
export const OF_CASE = ['supervision', 'oversight', 'audit'] as const

/** Purposes that belong to something with an id of its own. */
export const OF_THINGS = [
  'alert',
  'task',
  'order_review',
  'missing',
  'leave',
  'information_check',
  'measure',
] as const

export type Purpose = (typeof OF_CASE)[number] | (typeof OF_THINGS)[number]

/** Those that a role may have; the server says so too. */
export function purposesOf(role: Role | undefined): readonly Purpose[] {
  if (role === 'procurator') {
    return ['oversight']
  }
  return role === 'auditor' ? ['audit'] : ['supervision', ...OF_THINGS]
}

/** Whether what a purpose belongs to is to be named. */
export const needsRef = (purpose: Purpose): boolean =>
  !OF_CASE.some((one) => one === purpose)
