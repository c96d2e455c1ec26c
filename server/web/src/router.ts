import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import MonitorPage from '@/monitor/MonitorPage.vue'
import NotFoundPage from '@/monitor/NotFoundPage.vue'
import SignInPage from '@/session/SignInPage.vue'
import { restoreSession, session } from '@/session/session'

declare module 'vue-router' {
  interface RouteMeta {
    isPublic?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: SignInPage, meta: { isPublic: true } },
    {
      path: '/',
      component: MonitorPage,
      children: [
        { path: '', name: 'monitor', component: { render: () => null } },
        { path: 'alerts/:id', name: 'alert', component: () => import('@/alerts/AlertDetail.vue') },
        {
          path: 'subjects/:id',
          name: 'subject',
          component: () => import('@/subjects/SubjectDetail.vue'),
        },
      ],
    },
    { path: '/:rest(.*)*', name: 'not-found', component: NotFoundPage },
  ],
})

/** A path of ours to go to after signing in; anything else would be an open redirect. */
export function nextPath(route: Pick<RouteLocationNormalized, 'query'>): string {
  const next = route.query.next
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}

router.beforeEach(async (to) => {
  if (to.meta.isPublic === true || session.value !== null) {
    return true
  }
  const query: Record<string, string> = to.fullPath === '/' ? {} : { next: to.fullPath }
  try {
    if (await restoreSession()) {
      return true
    }
  } catch {
    query.away = '1'
  }
  return { name: 'sign-in', query }
})
