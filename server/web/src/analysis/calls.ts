import { answered, server } from '@/api/client'
import type { components } from '@contract'

type Schemas = components['schemas']

export type Distribution = Schemas['Distribution']
export type Movement = Schemas['Movement']
export type Decline = Schemas['Decline']
export type Comparison = Schemas['Comparison']
export type Compared = Schemas['Compared']
export type Bin = Schemas['Bin']

/** Best first, as the server has them. */
export const GRADES = ['green', 'blue', 'yellow', 'orange', 'red'] as const

export const getDistribution = (): Promise<Distribution> =>
  answered(server.GET('/api/v1/score-analysis/distribution'))

export const getMovement = (): Promise<Movement> =>
  answered(server.GET('/api/v1/score-analysis/movement'))

export const getDecline = (): Promise<Decline> =>
  answered(server.GET('/api/v1/score-analysis/decline'))

export const getComparison = (): Promise<Comparison> =>
  answered(server.GET('/api/v1/score-analysis/comparison'))

/** Where the browser saves what a tab shows. */
export const fileOf = (view: string): string => `/api/v1/score-analysis/file?view=${view}`
