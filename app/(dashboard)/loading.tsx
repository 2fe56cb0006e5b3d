import { PanelSkeleton } from "#components/ui/panel.tsx";

/** The shape of a page while its report is read: a bar, a sentence, tiles and panels of their final size. */
export default function Loading() {
  return (
    <div className="min-w-0 flex-1" aria-busy="true">
      <div className="flex min-h-12 items-center border-b px-6 max-md:px-4">
        <div className="skeleton h-4 w-32" />
      </div>
      <main className="mx-auto flex max-w-[1440px] flex-col gap-4 px-6 py-5 max-md:px-4">
        <p className="sr-only">Reading the ledger</p>
        <div className="skeleton h-6 w-full max-w-3xl" />
        <div className="grid grid-cols-[repeat(auto-fit,minmax(min(176px,100%),1fr))] gap-3">
          {["a", "b", "c", "d"].map((key) => (
            <PanelSkeleton key={key} height={72} />
          ))}
        </div>
        <PanelSkeleton title="" height={280} />
        <PanelSkeleton title="" height={240} />
      </main>
    </div>
  );
}
