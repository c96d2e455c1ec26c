import type { LonLat } from '@/fences/draft'

/** Metres east and north of `at` at which `place` lies. */
export type Local = (at: LonLat, place: LonLat) => readonly [number, number]

const METRES_OF_A_DEGREE = 111_195

/** A plane that is good for some tens of kilometres around a latitude. */
export function scaleOf(latitudeDeg: number): Local {
  const east = METRES_OF_A_DEGREE * Math.cos((latitudeDeg * Math.PI) / 180)
  return (at, place) => [(place[0] - at[0]) * east, (place[1] - at[1]) * METRES_OF_A_DEGREE]
}
