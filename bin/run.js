#!/usr/bin/env node
import '../dist/cli/bin/run.js';
