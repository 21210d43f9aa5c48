/** Name of the cookie of a session, without what browsers want before it over https. */
export const SESSION_COOKIE = 'woosync.session_token'
