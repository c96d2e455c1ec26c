import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import { restoreSession, session } from '@/session/session'
import { homeOf, placeOf } from '@/shell/places'

declare module 'vue-router' {
  interface RouteMeta {
    isPublic?: boolean
    /** The place of the navigation that this belongs to; its roles may enter. */
    place?: string
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('@/session/SignInPage.vue'),
      meta: { isPublic: true },
    },
    {
      path: '/',
      component: () => import('@/shell/ShellPage.vue'),
      children: [
        {
          path: '',
          component: () => import('@/monitor/MonitorPage.vue'),
          meta: { place: 'monitor' },
          children: [
            { path: '', name: 'monitor', component: { render: () => null } },
            {
              path: 'alerts/:id',
              name: 'alert',
              component: () => import('@/alerts/AlertDetail.vue'),
            },
            {
              path: 'subjects/:id',
              name: 'subject',
              component: () => import('@/subjects/SubjectDetail.vue'),
            },
          ],
        },
        {
          path: 'work',
          name: 'work',
          component: () => import('@/casework/WorkPage.vue'),
          meta: { place: 'work' },
        },
        {
          path: 'fences',
          name: 'fences',
          component: () => import('@/fences/FencesPage.vue'),
          meta: { place: 'fences' },
        },
        {
          path: 'devices',
          name: 'devices',
          component: () => import('@/devices/DevicesPage.vue'),
          meta: { place: 'devices' },
        },
        {
          path: 'oversight',
          name: 'oversight',
          component: () => import('@/oversight/OversightPage.vue'),
          meta: { place: 'oversight' },
        },
        {
          path: 'accounts',
          name: 'accounts',
          component: () => import('@/accounts/AccountsPage.vue'),
          meta: { place: 'accounts' },
        },
        {
          path: 'analysis',
          name: 'analysis',
          component: () => import('@/analysis/AnalysisPage.vue'),
          meta: { place: 'analysis' },
        },
        {
          path: 'quality',
          name: 'quality',
          component: () => import('@/quality/QualityPage.vue'),
          meta: { place: 'quality' },
        },
        {
          path: 'incidents',
          name: 'incidents',
          component: () => import('@/incidents/IncidentsPage.vue'),
          meta: { place: 'incidents' },
        },
        {
          path: 'own',
          name: 'own',
          component: () => import('@/own/OwnPage.vue'),
          meta: { place: 'own' },
        },
      ],
    },
    {
      path: '/second-factor',
      name: 'second-factor',
      component: () => import('@/session/SecondFactorPage.vue'),
    },
    {
      path: '/:rest(.*)*',
      name: 'not-found',
      component: () => import('@/shell/NotFoundPage.vue'),
    },
  ],
})

/** A path of ours to go to after signing in; anything else would be an open redirect. */
export function nextPath(route: Pick<RouteLocationNormalized, 'query'>): string {
  const next = route.query.next
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}

router.beforeEach(async (to) => {
  if (to.meta.isPublic === true) {
    return true
  }
  if (session.value !== null) {
    return wayFor(to)
  }
  const query: Record<string, string> = to.fullPath === '/' ? {} : { next: to.fullPath }
  try {
    if (await restoreSession()) {
      return wayFor(to)
    }
  } catch {
    query.away = '1'
  }
  return { name: 'sign-in', query }
})

/** The start page is each role's own; an address that names another screen is answered there. */
function wayFor(to: RouteLocationNormalized): true | { name: string } {
  const role = session.value?.role
  const home = role === undefined ? 'monitor' : homeOf(role)
  const mayStay = role === undefined || placeOf('monitor')?.roles.includes(role) === true
  return to.name === 'monitor' && !mayStay && home !== 'monitor' ? { name: home } : true
}
