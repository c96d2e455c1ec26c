import { computed, shallowRef } from 'vue'

import { deleteSession, getSession, postSession } from '@/api/calls'
import { useCsrfToken } from '@/api/client'
import { ProblemError } from '@/api/errors'
import type { Session } from '@/api/types'

const current = shallowRef<Session | null>(null)

/** Who is signed in; null when nobody is. */
export const session = computed(() => current.value)

/** Officers and supervisors handle alerts; auditors only read. */
export const mayHandle = computed(
  () => current.value?.role === 'officer' || current.value?.role === 'supervisor',
)

/** What stops or restarts a device is a supervisor's to order. */
export const isSupervisor = computed(() => current.value?.role === 'supervisor')

/** Administrators manage accounts and see no case data at all. */
export const maySeeCases = computed(() => current.value !== null && current.value.role !== 'admin')

function enter(found: Session): void {
  useCsrfToken(found.csrf_token)
  current.value = found
}

/** Take up a session that the browser still holds. Returns whether there was one. */
export async function restoreSession(): Promise<boolean> {
  try {
    enter(await getSession())
    return true
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) {
      return false
    }
    throw error
  }
}

/** Sign in; throws what the server said. */
export async function signIn(login: string, password: string): Promise<void> {
  enter(await postSession(login, password))
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
}
