import { answered, server, underKey } from '@/api/client'
import type {
  DocumentInfo,
  Duty,
  Explanation,
  Leave,
  Measure,
  MonthScore,
  Order,
} from '@/api/types'

const ROWS_MOST = 20

const about = (subject: string): { path: { subject_id: string } } => ({
  path: { subject_id: subject },
})
const newest = (subject: string): { query: { subject: string; limit: number } } => ({
  query: { subject, limit: ROWS_MOST },
})

export const getExplanation = (subject: string): Promise<Explanation> =>
  answered(server.GET('/api/v1/subjects/{subject_id}/score', { params: about(subject) }))

export const getScoreMonths = async (subject: string): Promise<MonthScore[]> =>
  (await answered(server.GET('/api/v1/subjects/{subject_id}/score-months', { params: about(subject) })))
    .items

export interface Matters {
  orders: Order[]
  leaves: Leave[]
  measures: Measure[]
  duties: Duty[]
  documents: DocumentInfo[]
}

/** What stands in a person's file, the newest of each kind. */
export async function getMatters(subject: string): Promise<Matters> {
  const params = newest(subject)
  const [orders, leaves, ladder, duties, documents] = await Promise.all([
    answered(
      server.GET('/api/v1/orders', { params: { query: { ...params.query, in_force: false } } }),
    ),
    answered(server.GET('/api/v1/leaves', { params })),
    answered(server.GET('/api/v1/subjects/{subject_id}/ladder', { params: about(subject) })),
    answered(server.GET('/api/v1/subjects/{subject_id}/duties', { params: about(subject) })),
    answered(server.GET('/api/v1/documents', { params })),
  ])
  return {
    orders: orders.items,
    leaves: leaves.items,
    measures: ladder.measures,
    duties: duties.items,
    documents: documents.items,
  }
}

/** Where a document stands as it was issued. */
export const contentOf = (document: string): string =>
  `/api/v1/documents/${encodeURIComponent(document)}/content`

/** Take down what a person objects to, for the person. */
export const takeObjection = (fact: string, words: string, key: string): Promise<unknown> =>
  answered(
    server.POST('/api/v1/facts/{fact_id}/objections', {
      params: { path: { fact_id: fact }, header: underKey(key) },
      body: { words },
    }),
  )
