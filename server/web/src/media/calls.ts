import type { components, paths } from '@contract'

import { answered, server } from '@/api/client'

export type Recording = components['schemas']['MediaInfo']
export type RecordingRecord = components['schemas']['MediaRecord']
export type Linked = Pick<
  NonNullable<paths['/api/v1/media']['get']['parameters']['query']>,
  'kind' | 'ref' | 'subject'
>

const MOST = 50

/** Recordings of one thing, the newest first. */
export const getRecordings = async (of: Linked): Promise<Recording[]> => {
  const page = await answered(
    server.GET('/api/v1/media', { params: { query: { ...of, limit: MOST } } }),
  )
  return page.items
}

/** One recording with what proves it. */
export const getRecording = (id: string): Promise<RecordingRecord> =>
  answered(server.GET('/api/v1/media/{media_id}', { params: { path: { media_id: id } } }))

/** Where a player reads a recording; every look is logged with its purpose. */
export function contentOf(id: string, purpose: string, asFile = false): string {
  const asked = new URLSearchParams({ purpose, ...(asFile ? { download: 'true' } : {}) })
  return `/api/v1/media/${encodeURIComponent(id)}/content?${asked.toString()}`
}
