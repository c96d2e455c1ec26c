import { shallowRef } from 'vue'

import { getNames } from '@/api/calls'
import { ApiError } from '@/api/errors'
import { session } from '@/session/session'

/** A county has some 550 persons; beyond these pages an id stands for itself. */
const PAGES_MOST = 5

const names = shallowRef<ReadonlyMap<string, string>>(new Map())
let owner = ''

/** A person's name, once it is known. */
export const nameOf = (subject: string): string | undefined => names.value.get(subject)

/** Learn the names of the own scope once for a sign-in: lists of work carry ids alone. */
export async function learnNames(): Promise<void> {
  const login = session.value?.login ?? ''
  if (owner === login) {
    return
  }
  owner = login
  names.value = new Map()
  try {
    let cursor: string | null = null
    for (let page = 0; page < PAGES_MOST; page += 1) {
      const answer = await getNames(cursor)
      names.value = new Map([...names.value, ...answer.items.map((one) => [one.id, one.name] as const)])
      cursor = answer.next_cursor
      if (cursor === null) {
        break
      }
    }
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error
    }
    owner = ''
  }
}
