import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

import { ApiError, ProblemError } from '@/api/errors'
import type { Page } from '@/api/types'
import { serverNowMs } from '@/ui/clock'

/** `failed` with a value: what stands there is the last that was known. */
export type LoadedState = 'loading' | 'ready' | 'failed' | 'forbidden' | 'missing'

export interface Loaded<T> {
  value: ShallowRef<T | null>
  state: Ref<LoadedState>
  /** The server's clock when the value was answered. */
  loadedAtMs: Ref<number | null>
  load: () => Promise<void>
}

/** Ask the server for something now, when the network comes back, and whenever `load` is called. */
export function useLoaded<T>(ask: () => Promise<T>): Loaded<T> {
  const value = shallowRef<T | null>(null)
  const state = ref<LoadedState>('loading')
  const loadedAtMs = ref<number | null>(null)
  let turn = 0

  async function load(): Promise<void> {
    turn += 1
    const mine = turn
    if (value.value === null) {
      state.value = 'loading'
    }
    try {
      const answer = await ask()
      if (mine === turn) {
        value.value = answer
        loadedAtMs.value = serverNowMs()
        state.value = 'ready'
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error
      }
      if (mine === turn) {
        state.value = stateOf(error)
      }
    }
  }

  const again = (): void => void load()
  onMounted(() => {
    addEventListener('online', again)
    void load()
  })
  onBeforeUnmount(() => {
    turn += 1
    removeEventListener('online', again)
  })
  return { value, state, loadedAtMs, load }
}

export interface Paged<T> extends Loaded<readonly T[]> {
  hasMore: Ref<boolean>
  isMoreBusy: Ref<boolean>
  hasMoreFailed: Ref<boolean>
  more: () => Promise<void>
}

/** The same for a list that comes in pages; `more` puts the next one below. */
export function usePaged<T>(ask: (cursor: string | null) => Promise<Page<T>>): Paged<T> {
  const cursor = ref<string | null>(null)
  const hasMore = ref(false)
  const isMoreBusy = ref(false)
  const hasMoreFailed = ref(false)

  function take(page: Page<T>): readonly T[] {
    cursor.value = page.next_cursor
    hasMore.value = page.next_cursor !== null
    return page.items
  }
  const loaded = useLoaded(async () => take(await ask(null)))

  async function more(): Promise<void> {
    const from = cursor.value
    const shown = loaded.value.value
    isMoreBusy.value = true
    hasMoreFailed.value = false
    try {
      const page = await ask(from)
      // A reload in between has begun the list anew: this page is not the next one of it.
      if (loaded.value.value === shown) {
        loaded.value.value = [...(shown ?? []), ...take(page)]
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error
      }
      hasMoreFailed.value = true
    } finally {
      isMoreBusy.value = false
    }
  }
  return { ...loaded, hasMore, isMoreBusy, hasMoreFailed, more }
}

function stateOf(error: ApiError): LoadedState {
  if (error instanceof ProblemError && error.status === 403) {
    return 'forbidden'
  }
  return error instanceof ProblemError && error.status === 404 ? 'missing' : 'failed'
}
