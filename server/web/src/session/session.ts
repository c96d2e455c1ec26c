import { computed, shallowRef } from 'vue'

import {
  deleteSession,
  enrolFactor,
  getSession,
  postCode,
  postPassword,
  postSession,
} from '@/api/calls'
import { useCsrfToken } from '@/api/client'
import { ProblemError } from '@/api/errors'
import type { Session } from '@/api/types'
import { CASE_READERS } from '@/shell/places'

const current = shallowRef<Session | null>(null)
const begun = shallowRef<Session | null>(null)

/** Who is signed in; null when nobody is. */
export const session = computed(() => current.value)

/** What a sign-in that has begun still wants; null: nothing, or none has begun. */
export const nextStep = computed(() => begun.value?.next ?? null)

/** Officers and supervisors handle alerts; auditors only read. */
export const mayHandle = computed(
  () => current.value?.role === 'officer' || current.value?.role === 'supervisor',
)

/** Who acts on case files; by which power at which level, the server says. */
export const mayDecide = computed(
  () => mayHandle.value || current.value?.role === 'head',
)

/** What stops or restarts a device is a supervisor's to order. */
export const isSupervisor = computed(() => current.value?.role === 'supervisor')

/** Administrators and the persons themselves see nobody's case on these screens. */
export const maySeeCases = computed(
  () => current.value !== null && CASE_READERS.includes(current.value.role),
)

function enter(found: Session): void {
  useCsrfToken(found.csrf_token)
  current.value = found.next === null ? found : null
  begun.value = found.next === null ? null : found
}

/** Take up a session that the browser still holds. Returns whether one was there, and finished. */
export async function restoreSession(): Promise<boolean> {
  try {
    enter(await getSession())
    return current.value !== null
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) {
      return false
    }
    throw error
  }
}

/** Sign in; throws what the server said. `nextStep` says what is still wanted. */
export async function signIn(login: string, password: string): Promise<void> {
  enter(await postSession(login, password))
}

/** Give a code of the second factor, or a recovery code. */
export async function giveCode(code: string): Promise<void> {
  enter(await postCode(code))
}

/** Set a password of one's own. */
export async function changePassword(old: string, password: string): Promise<void> {
  await postPassword(old, password)
  enter(await getSession())
}

/**
 * Enrol an offered factor; returns its recovery codes. The session goes on with `goOn`: the page
 * shows the codes first, because nothing shows them again.
 */
export async function enrol(
  ticket: string,
  code: string,
): Promise<{ codes: string[]; goOn: () => void }> {
  const enrolled = await enrolFactor(ticket, code)
  useCsrfToken(enrolled.session.csrf_token)
  return {
    codes: enrolled.recovery_codes,
    goOn: () => {
      enter(enrolled.session)
    },
  }
}

/** End the session at the server, then here. A session that is gone already counts as ended. */
export async function signOut(): Promise<void> {
  try {
    await deleteSession()
  } catch (error) {
    if (!(error instanceof ProblemError && error.status === 401)) {
      throw error
    }
  }
  forgetSession()
}

/** Drop what we hold, without asking the server. */
export function forgetSession(): void {
  useCsrfToken('')
  current.value = null
  begun.value = null
}
