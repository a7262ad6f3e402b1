/**
 * What the bundle has of undici: its client. undici's own index loads everything that it has, fetch,
 * WebSocket, caches and mocks too, which would be a third of the bundle, and a quarter of its start.
 * ncc finds this file in the place of the package by `undici-paths.json`.
 */
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   undici has no types of its parts: a test holds them against the whole. */
import api from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import decompress from 'undici/lib/interceptor/decompress.js';
import cookies from 'undici/lib/web/cookies/index.js';

// As its index does.
Object.assign(Dispatcher.prototype, api);

export { buildConnector, Client };
export const interceptors = { decompress };
export const { parseCookie } = cookies;

// GitHub's libraries name these, and never come to use them: statuses go over a `Connection`.
export const fetch = undefined;
export const ProxyAgent = undefined;
