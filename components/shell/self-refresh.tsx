"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Reads the page's report again from time to time: a wall has nobody to press a key. */
export function SelfRefresh({ everyMs }: { everyMs: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), everyMs);
    return () => clearInterval(timer);
  }, [router, everyMs]);
  return null;
}
