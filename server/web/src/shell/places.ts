import type { Role } from '@/api/types'

/** A screen that the navigation leads to: `id` is its route's name and its word's (`nav.<id>`). */
export interface Place {
  id: string
  /** A path in a box of 24 by 24. */
  icon: string
  roles: readonly Role[]
}

export const CASE_READERS: readonly Role[] = [
  'supervisor',
  'head',
  'officer',
  'auditor',
  'procurator',
]
const STAFF: readonly Role[] = ['admin', 'security', ...CASE_READERS]

/** Every screen, a line each, in the order of the navigation; docs/console.md shows how to add one. */
export const PLACES: readonly Place[] = [
  { id: 'monitor', icon: 'M3 6l6-3 6 3 6-3v15l-6 3-6-3-6 3zM9 3v15M15 6v15', roles: CASE_READERS },
  { id: 'work', icon: 'M9 5h11M9 12h11M9 19h11M3 5l1.5 1.5L7 4M3 12l1.5 1.5L7 11M3 19l1.5 1.5L7 18', roles: CASE_READERS },
  { id: 'incidents', icon: 'M5 21V4M5 4h13l-3 4.5 3 4.5H5', roles: CASE_READERS },
  { id: 'fences', icon: 'M4 6l8-3 8 5-2 10-9 3-6-7zM9 10l5 2', roles: CASE_READERS },
  { id: 'devices', icon: 'M8 3h8v4H8zM8 17h8v4H8zM7 7h10v10H7zM12 10v2l1.5 1.5', roles: CASE_READERS },
  { id: 'oversight', icon: 'M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12zM12 15a3 3 0 100-6 3 3 0 000 6z', roles: CASE_READERS },
  { id: 'accounts', icon: 'M12 15a3 3 0 100-6 3 3 0 000 6zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2', roles: STAFF },
  { id: 'analysis', icon: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6', roles: CASE_READERS },
  { id: 'quality', icon: 'M4 14a8 8 0 0116 0M12 14l4-5M4 18h16', roles: CASE_READERS },
  { id: 'own', icon: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5', roles: ['subject'] },
]

/** The screen with this name, if the navigation knows it. */
export const placeOf = (id: unknown): Place | undefined => PLACES.find((place) => place.id === id)

export const placesFor = (role: Role): readonly Place[] =>
  PLACES.filter((place) => place.roles.includes(role))

/** Where a role begins. */
export const homeOf = (role: Role): string => placesFor(role)[0]?.id ?? 'monitor'
