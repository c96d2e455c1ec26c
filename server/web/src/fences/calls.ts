import { answered, server } from '@/api/client'
import type { MapLayers } from '@/api/types'
import { fileOf, shapeOf, type FenceDraft, type FenceUse } from '@/fences/draft'
import { newKey } from '@/commands/draft'

/** How many characters of a key make an id of ours. */
const ID_CHARS = 10

export const newFenceId = (): string => `f-${newKey().slice(0, ID_CHARS)}`

/** Enter a fence, or its next version, and the schedule that was drawn with it. */
export async function saveFence(draft: FenceDraft): Promise<FenceDraft> {
  const scheduleId = `sch-${newKey().slice(0, ID_CHARS)}`
  const body = fileOf(draft, scheduleId, new Date().toISOString())
  await answered(server.POST('/api/v1/registry', { body }))
  return draft
}

interface FenceFeature {
  geometry: { type: string; coordinates?: unknown }
  properties: Record<string, unknown>
}

/** The fences in force, as drafts of themselves. */
export function draftsIn(layers: MapLayers): FenceDraft[] {
  return (layers.fences.features as unknown as FenceFeature[]).map((feature) => ({
    fence: String(feature.properties.fence),
    isKnown: true,
    org: String(feature.properties.org),
    name: String(feature.properties.name),
    use: feature.properties.use as FenceUse,
    datum: 'WGS84',
    shape: shapeOf(feature),
    subjects: (feature.properties.subjects as string[] | undefined) ?? [],
    schedule: (feature.properties.schedule as string | null) ?? null,
    hours: null,
  }))
}
