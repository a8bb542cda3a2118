#!/usr/bin/env node
// `npx goldbot` in a checkout: app/ask.ts, once it is built.
require('./require-dist.cjs');
require('../dist/ask.js');
