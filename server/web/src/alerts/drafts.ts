import { reactive } from 'vue'

import type { Verdict } from '@/api/types'

export interface Draft {
  /** Empty until chosen. */
  verdict: Verdict | ''
  note: string
}

/** The longest note that the server takes, characters. */
export const NOTE_MOST = 2_000

/** Unsent words live in memory only: they are case data and must not outlive the page. */
const drafts = reactive(new Map<string, Draft>())

let owner = ''

/** Keep the drafts for this person only: an expired session loses nothing, a changed one all. */
export function openDrafts(login: string): void {
  if (login !== owner) {
    drafts.clear()
    owner = login
  }
}

/** What was typed for an alert; it stays while the person looks at another one. */
export function draftOf(alertId: string): Draft {
  let draft = drafts.get(alertId)
  if (draft === undefined) {
    drafts.set(alertId, { verdict: '', note: '' })
    draft = drafts.get(alertId) as Draft
  }
  return draft
}

export function discardDraft(alertId: string): void {
  drafts.delete(alertId)
}

export const isBlank = (draft: Draft): boolean =>
  draft.verdict === '' && draft.note.trim() === ''
