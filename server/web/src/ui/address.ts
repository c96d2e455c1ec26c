import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'

/** A text kept in the address as `?<name>=`; the empty one is not there. */
export function useWord(name: string): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const word = route.query[name]
      return typeof word === 'string' ? word : ''
    },
    set: (word) => {
      // An undefined member is left out of the address.
      void router.replace({ query: { ...route.query, [name]: word === '' ? undefined : word } })
    },
  })
}

/** One of `allowed`, kept in the address: a link shows what its sender saw. */
export function useChoice<Id extends string>(
  name: string,
  allowed: readonly [Id, ...Id[]],
): WritableComputedRef<Id> {
  const word = useWord(name)
  const first = allowed[0]
  return computed({
    get: () => allowed.find((id) => id === word.value) ?? first,
    set: (id) => {
      word.value = id === first ? '' : id
    },
  })
}

/** What of an address goes along when something is opened beside the list: which queue, whose area. */
export function alongWith(query: LocationQuery): LocationQuery {
  const { queue, org } = query
  return { ...(queue ? { queue } : {}), ...(org ? { org } : {}) }
}
